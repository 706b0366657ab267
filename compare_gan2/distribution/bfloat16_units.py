"""Whether the processor computes in bfloat16: without such units, mixed_bfloat16 is slower than float32."""

_UNITS = {
    "amx_bf16": "AMX",
    "avx512_bf16": "AVX-512",
    "bf16": "Arm",
}  # fastest first; the last as Linux names it on Arm


def bfloat16_units(path="/proc/cpuinfo"):
    """Name of the processor's units for bfloat16, such as "AMX"; "" if it has none, None if the system does not say.

    Args:
        path: of the file that lists the features of the processors.
    """
    try:
        with open(path) as file:
            lines = (line.split(":", 1) for line in file if line.lower().startswith(("flags", "features")))
            features = next(line[1].split() for line in lines if len(line) == 2)
    except (OSError, StopIteration):
        return None
    return next((name for flag, name in _UNITS.items() if flag in features), "")
