"""Gin's store of parsed bindings, one for the whole process: used temporarily, then restored."""

import contextlib
import logging
import sys
import types

import gin


@contextlib.contextmanager
def empty_store(reader, gate, statement=contextlib.nullcontext, bound=lambda selector, parameter: None):
    """Context manager: gin's own store, empty; afterwards it is as it was before.

    Args:
        reader: `config_files.Reader`, which opens files.
        gate: `imports.ImportGate`, which runs import statements.
        statement: function of a gin `Location` that returns a context manager, in which gin carries out the statement
            of that place; it takes the place of gin's own, which appends the location to errors in lines of its own.
        bound: function of (full selector, parameter) that is called inside, after a value is bound.
    """
    config, process = gin.config, gin.config.ParseContext.process_import
    kept = dict(config._CONFIG), set(config._IMPORTS), config._FILE_READERS[:], config._LOCATION_PREFIXES[:]
    functions = config.bind_parameter, config.utils.try_with_location
    locked, disabled = config.config_is_locked(), logging.root.manager.disable

    def bind(key, value):
        functions[0](key, value)
        parsed = config.ParsedBindingKey.parse(key)
        bound(parsed.complete_selector, parsed.arg_name)

    config.clear_config()
    config._FILE_READERS[:] = [(reader.open, reader.exists)]
    config._LOCATION_PREFIXES[:] = [""]
    config.bind_parameter, config.utils.try_with_location = bind, statement
    logging.disable(logging.CRITICAL)  # gin logs what it parses

    def guarded(context, statement):
        if statement.module.startswith("__gin__."):  # a switch of gin's own
            process(context, statement)
            return
        logging.disable(disabled)
        try:
            gate.run(statement, lambda: process(context, statement))
        finally:
            logging.disable(logging.CRITICAL)

    config.ParseContext.process_import = guarded
    try:
        yield
    finally:
        config.ParseContext.process_import = process
        logging.disable(disabled)
        config.bind_parameter, config.utils.try_with_location = functions
        config.clear_config()
        config._CONFIG.update(kept[0])
        config._IMPORTS.update(kept[1])
        config._FILE_READERS[:], config._LOCATION_PREFIXES[:] = kept[2], kept[3]
        config._set_config_is_locked(locked)


@contextlib.contextmanager
def importable(modules):
    """Context manager: these modules can be imported and are empty."""
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update({name: types.ModuleType(name) for name in modules})
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
