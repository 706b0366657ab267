"""A notebook of colabs/, executed as a reader would, at the smallest size, and what its cells show."""

import ipykernel_launcher
import nbclient
import nbformat
import pytest
from documents import shown
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from support.forked_command import ForkedCommand


async def _launch_forked(self, cmd, **kwargs):
    """As `LocalProvisioner.launch_kernel`, in a process that begins with TensorFlow imported."""
    arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
    self.process = ForkedCommand(ipykernel_launcher.__file__, arguments, kwargs["cwd"], kwargs["env"])
    self.pid, self.pgid = self.process.pid, None  # its process group is that of the server
    return self.connection_info


def execute(name, folder, *, is_forked=True, **environment):
    """The notebook colabs/NAME.ipynb with the outputs of an execution in a folder; a cell that fails ends nothing.

    What it shows of the start itself needs a kernel that imports TensorFlow, `is_forked=False`.
    """
    notebook = nbformat.read(shown.COLABS / f"{name}.ipynb", as_version=4)
    client = nbclient.NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}, allow_errors=True
    )
    # The install cell finds the package, so it fetches nothing.
    values = {"COMPARE_GAN2_NOTEBOOK_SIZE": "smoke", "PYTHONPATH": str(shown.ROOT)}
    with pytest.MonkeyPatch.context() as patch:
        for variable, value in (values | environment).items():
            patch.setenv(variable, str(value))
        if is_forked:
            patch.setattr(LocalProvisioner, "launch_kernel", _launch_forked)
        client.execute()
    return notebook


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(notebook, mime):
    """All outputs of a kind, in the order of their cells."""
    return [o.data[mime] for cell in code_cells(notebook) for o in cell.outputs if mime in o.get("data", {})]


def printed(notebook):
    """All that the cells print, on both streams."""
    return "".join(o.text for cell in code_cells(notebook) for o in cell.outputs if o.output_type == "stream")


def failures(notebook):
    """[(source, message)] of the cells that failed."""
    return [(c.source, o.evalue) for c in code_cells(notebook) for o in c.outputs if o.output_type == "error"]
