"""Options that name a step that a run does not reach, so that something never begins or never ends."""

import ast


def unreached(record, of_run, what, *, from_the_end=True):
    """Yields a line for each option of a table whose step is not reached.

    Args:
        record: {`selector.parameter`: gin text} of what was built.
        of_run: name of the option that says how many steps there are; nothing is yielded if it was not built.
        what: {end of an option's name, such as "lecam.start_step" or ".every": what follows}.
        from_the_end: whether the last step itself is too late.
    """
    steps = number(record.get(of_run))
    if steps is None:
        return
    for name, text in record.items():
        for end, effect in what.items():
            given = number(text) if name.endswith(end) else None
            if given is not None and (given >= steps if from_the_end else given > steps):
                yield f"{name} = {text} is not reached in this run ({of_run} = {steps}): {effect}"


def number(text):
    """The number, or the largest one of a list of numbers, that a gin text stands for; None for anything else."""
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError, TypeError):
        return None
    values = value if isinstance(value, (list, tuple)) else [value]
    return max(values) if values and all(type(each) in (int, float) for each in values) else None
