"""Runs something of ours around the first import of a package, without importing it."""

import sys


class ImportHook:
    """Finder for one package that stays in `sys.meta_path` until the package has been imported.

    Args:
        package: its name.
        around: function that takes the import, a function without arguments, and calls it.
    """

    def __init__(self, package, around):
        self.package = package
        self.around = around

    def install(self):
        """Puts the hook first among the finders, unless the package is imported or has a hook already."""
        hooks = [finder for finder in sys.meta_path if isinstance(finder, ImportHook)]
        if self.package not in sys.modules and self.package not in [hook.package for hook in hooks]:
            sys.meta_path.insert(0, self)

    def remove(self):
        """Takes the hook away."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(self, name, path=None, target=None):
        """Spec of the package from the finders after this one, with a loader of ours; None for any other module."""
        if name != self.package or self not in sys.meta_path:
            return None
        # Tools also ask for a spec without importing, so the hook has to stay until the loader has run.
        for finder in sys.meta_path[sys.meta_path.index(self) + 1 :]:
            find_spec = getattr(finder, "find_spec", None)
            spec = None if find_spec is None else find_spec(name, path, target)
            if spec is not None:
                if spec.loader is not None:  # None for a folder that is not a package
                    spec.loader = _Loader(spec.loader, self)
                return spec
        return None


class _Loader:
    """Loader of the package that calls `around`; in all else the loader it is given."""

    def __init__(self, loader, hook):
        self._loader = loader
        self._hook = hook

    def __getattr__(self, name):
        if name == "_loader":  # not set yet, in a copy: no endless recursion
            raise AttributeError(name)
        return getattr(self._loader, name)

    def create_module(self, spec):
        """Module that the given loader creates."""
        return self._loader.create_module(spec)

    def exec_module(self, module):
        """Runs the package with its own loader, so that nothing of ours is left in it; errors are raised unchanged."""

        def run():
            module.__spec__.loader = module.__loader__ = self._loader
            self._loader.exec_module(module)
            self._hook.remove()

        self._hook.around(run)
