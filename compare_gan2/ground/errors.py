"""The errors that users can cause or meet; a message says what was expected, what was received, and what to do."""


class ConfigError(ValueError):
    """A configuration that cannot be run; the message names the option, the expected and the received value."""


class DataError(ConfigError):
    """Images or labels that are missing, unreadable or unfit; the message names the file or the option."""


class MissingPackageError(ConfigError):
    """An optional package that is not installed; the message holds the line that installs it."""


class DamagedFileError(ValueError):
    """A file with unexpected content; the message says where, what was expected and what was found."""


class CheckpointError(RuntimeError):
    """A checkpoint that lacks variables, or holds others than the configuration has."""


class ExportFailed(RuntimeError):
    """An exported file that does not give the results of its model; nothing was written."""


class TrainingFailed(RuntimeError):
    """Training cannot continue; what was saved before is intact."""
