"""A configuration as a value: parsed from files and bindings, it builds the objects that it describes.

Configurations share nothing, so that several can be used side by side in one process.
"""

import functools
import inspect
import threading

import gin

from compare_gan2.config import config_files
from compare_gan2.config.binding_lines import as_lines
from compare_gan2.config.declare import (
    REQUIRED,
    declared_bases,
    full_selector,
    gin_text,
    is_declared,
    named,
    selector,
    signature,
)
from compare_gan2.config.gin_places import FAULTS, Places
from compare_gan2.config.gin_store import empty_store, importable
from compare_gan2.config.imports import ImportGate, modules_named
from compare_gan2.config.matching import check_type
from compare_gan2.config.references import Undefined, refuse_idle_macros, refuse_scopes_and_names, without_macros
from compare_gan2.config.size_limits import check_text, refuse_large_values
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.suggestions import did_you_mean

_STAND_INS = ("gin.tf", "gin.tf.external_configurables")  # imported by old files; what they declared is declared here
_PARSING = threading.RLock()  # gin parses into one store for the whole process


def parse(gin_files=(), gin_bindings=(), option="--gin_bindings", *, recorded=(), allow_imports=False):
    """`Configuration` of files, then bindings; later lines win.

    Args:
        gin_files: name or list of names as `config_files.find` takes them.
        gin_bindings: lines of a `.gin` file, such as "options.z_dim = 120", or {"selector.parameter": value}.
        option: what gave the bindings, for messages.
        recorded: (path, lines) of the record of a run, parsed before files and bindings.
        allow_imports: whether records of runs may import modules that neither a binding nor another file names.

    Raises:
        ConfigError: for a missing file, bad syntax, or a name that nothing declares. A line "name = value" sets the
            macro %name, so it is refused if no value refers to that. Also as `ImportGate` and `size_limits` refuse.
    """
    gin_files, gin_bindings = config_files.listed(gin_files), as_lines(gin_bindings)
    check_text("\n".join(gin_bindings), option)
    places = Places(gin_bindings, option)
    gate = ImportGate(modules_named("\n".join(gin_bindings)), allow_imports, option)
    with _PARSING, empty_store(config_files.Reader(), gate, places.statement, places.bound):
        try:
            with importable(_STAND_INS):
                if recorded:
                    gin.parse_config(config_files.stream("\n".join(recorded[1]), recorded[0]))
                gin.parse_config_files_and_bindings(
                    [str(config_files.find(name)) for name in gin_files], gin_bindings, finalize_config=False
                )
                refuse_large_values(gin.config._CONFIG)
                text = gin.config.config_str()  # imports once more what the files import
        except ConfigError:
            raise
        except (*FAULTS, OSError, ImportError) as error:
            raise places.fault(error) from error
        refuse_scopes_and_names(gin.config._CONFIG)  # gin has no public accessor for what was parsed
        refuse_idle_macros(gin_bindings, gin.config._CONFIG)
        bound = {key: dict(values) for key, values in gin.config._CONFIG.items()}
        imports = sorted({statement.format() for statement in gin.config._IMPORTS})
    macros = {scope: values["value"] for (scope, name), values in bound.items() if name == "gin.macro"}
    values = {
        name: {parameter: without_macros(value, macros) for parameter, value in given.items()}
        for (_, name), given in bound.items()
        if name != "gin.macro"
    }
    return Configuration(values, text, imports, places)


class Configuration:
    """Bindings of files and lines; it also records what was built from it, for the run's folder.

    Make one with `parse`.

    Args:
        bound: {full selector: {parameter: value}}.
        text: all bindings as text, the same for the same bindings.
        imports: import statements of the files.
        places: `Places` of the bindings.
    """

    def __init__(self, bound, text, imports, places):
        self.text = text
        self.imports = imports
        self._bound = bound
        self._places = places
        self._resolved = {}  # Shortest selector -> {parameter: gin text of its value}, for everything built.
        self._defaults = {}  # The same for defaults, where there is one.
        self._used = set()
        self._reading = []  # options that are being read, each of which the one before refers to

    def build(self, target, **explicit):
        """Result of a declared class or function, called with its bindings; arguments given here override them."""
        return target(**self.arguments(target, **explicit))

    def arguments(self, target, **explicit):
        """Merged keyword arguments for a declared object, checked against its signature.

        A binding on a base class reaches its subclasses; one on the subclass wins.

        Raises:
            ConfigError: for a parameter it does not take, a missing required value or a value of the wrong type.
        """
        name = selector(declared_bases(target)[0])
        bound = {}
        for base in reversed(declared_bases(target)):
            values = self._bound.get(full_selector(base), {})
            bound.update({parameter: (base, value) for parameter, value in values.items()})
        parameters, hints = signature(target)
        values = {}
        for parameter, (base, raw) in bound.items():
            if parameter not in parameters:
                known = sorted(parameters)
                raise ConfigError(
                    f"{selector(base)}.{parameter}: no such parameter{did_you_mean(parameter, known)}; {name} takes "
                    f"{', '.join(known)}{self._place(base, parameter)}"
                )
            values[parameter] = self._read(base, parameter, raw, hints.get(parameter))
        for parameter, value in explicit.items():
            if gin_text(value) is not None:  # what a file could have bound
                check_type(f"{name}.{parameter}", value, hints.get(parameter))
        values.update(explicit)
        for parameter, default in parameters.items():
            if default in (REQUIRED, inspect.Parameter.empty) and values.get(parameter, REQUIRED) is REQUIRED:
                raise ConfigError(_no_value(name, parameter))
        self._record(name, parameters, values)
        return values

    def is_bound(self, target, parameter):
        """Whether a file or a binding gives this parameter of a declared object (its bases not counted)."""
        return parameter in self._bound.get(full_selector(target), {})

    def bound_value(self, target, parameter):
        """What a file or a binding gives this parameter of a declared object; None if nothing does."""
        raw = self._bound.get(full_selector(target), {}).get(parameter)
        return self._plain(raw, f"{selector(target)}.{parameter}")

    @property
    def bound_names(self):
        """`selector.parameter` of every binding, sorted."""
        found = {}
        for full, values in self._bound.items():
            (target,) = [target for target in named(full) if full_selector(target) == full]
            found.update(dict.fromkeys(f"{selector(target)}.{parameter}" for parameter in values))
        return sorted(found)

    @property
    def unused(self):
        """`selector.parameter` of every binding that nothing built so far has read, sorted."""
        return sorted(set(self.bound_names) - self._used)

    @property
    def record(self):
        """{`selector.parameter`: gin text} of all that was built, defaults included."""
        return _by_full_name(self._resolved)

    @property
    def defaults(self):
        """{`selector.parameter`: gin text} of the defaults of all that was built, where there are any."""
        return _by_full_name(self._defaults)

    def _read(self, base, parameter, raw, hint):
        where = f"{selector(base)}.{parameter}"
        self._used.add(where)
        if where in self._reading:
            raise ConfigError(f"{where}: expected a value, got a reference to itself{self._place(base, parameter)}")
        self._reading.append(where)
        try:
            value = self._plain(raw, where)
        finally:
            self._reading.pop()
        check_type(where, value, hint, self._place(base, parameter))
        return value

    def _place(self, target, parameter):
        """End of a message that says where a parameter is bound."""
        place = self._places.of(full_selector(target), parameter)
        return "" if place is None else f" ({place})"

    def _plain(self, value, where):
        """A bound value with references replaced: classes by themselves, functions with their bindings applied."""
        if isinstance(value, Undefined):
            raise ConfigError(f"{where}: the macro %{value.name} has no value")
        if isinstance(value, (list, tuple)):
            return type(value)(self._plain(member, where) for member in value)
        if isinstance(value, dict):
            return {key: self._plain(member, where) for key, member in value.items()}
        if not isinstance(value, gin.config.ConfigurableReference):
            return value
        target = value.configurable.wrapped
        if not is_declared(target):
            raise ConfigError(f"{where}: @{value.configurable.name} is not something that can be used here")
        if value.evaluate:
            return self.build(target)
        if inspect.isclass(target):
            return target
        bound = self._arguments_of_function(target)
        return functools.partial(target, **bound) if bound else target

    def _arguments_of_function(self, target):
        """Bindings of a function that is passed on rather than called here (an optimizer, a distribution, a loss)."""
        name, (parameters, hints) = selector(target), signature(target)
        bound = self._bound.get(full_selector(target), {})
        values = {
            parameter: self._read(target, parameter, raw, hints.get(parameter)) for parameter, raw in bound.items()
        }
        for parameter, default in parameters.items():
            if default in (REQUIRED, inspect.Parameter.empty) and parameter not in values:
                raise ConfigError(_no_value(name, parameter))
        if values:
            self._resolved.setdefault(name, {}).update({key: gin_text(value) for key, value in values.items()})
        return values

    def _record(self, name, parameters, values):
        for parameter, default in parameters.items():
            value = values.get(parameter, default)
            text = gin_text(value)
            if text is None:
                raise ConfigError(f"{name}.{parameter}: {value!r} cannot be written to a .gin file")
            self._resolved.setdefault(name, {})[parameter] = text
            if default not in (REQUIRED, inspect.Parameter.empty):
                self._defaults.setdefault(name, {})[parameter] = gin_text(default)


def _no_value(name, parameter):
    return f"{name}.{parameter}: no value is given; bind it in a .gin file or by --gin_bindings"


def _by_full_name(texts):
    return {f"{name}.{key}": text for name, values in sorted(texts.items()) for key, text in sorted(values.items())}
