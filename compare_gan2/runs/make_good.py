"""What belongs to the checkpoints of a run and was lost by a kill between two writes is made again on resume."""

from compare_gan2.ground.errors import DamagedFileError
from compare_gan2.ground.messages import log
from compare_gan2.reporting.tensorboard import EventWriter, cut_after
from compare_gan2.run_folder import score_copies
from compare_gan2.run_folder.best_checkpoint import best_step
from compare_gan2.run_folder.checkpoint_files import regular_steps
from compare_gan2.run_folder.picture_files import whole_picture

PICTURE, REAL_PICTURE = "images/generated", "images/real"  # tags of events


def make_good(files, step, pictures, scoring):
    """Restores scores, events and sample pictures of the checkpoints up to the one that training resumes from.

    Args:
        files: `RunFiles`.
        step: of that checkpoint.
        pictures: `RunPictures`.
        scoring: `CheckpointScoring`, or None.

    Returns:
        {(tag, step)} of the events that were there.

    Raises:
        DamagedFileError: if scores.csv is damaged and cannot be restored.
        OSError: if the folder cannot be written.
    """
    score_copies.make_good(files.scores)
    known = cut_after(files.path, step)
    if scoring is not None:
        try:
            best_step(files.path)
        except DamagedFileError as error:
            log.warning(f"{error}. It is written again now")
        scoring.record_best()
    with _Late(files.path) as events:
        for saved in sorted(regular_steps(files.path)):
            path = files.path / "samples" / f"step-{saved}.png"
            if saved > step:
                continue
            picture = whole_picture(path)
            if picture is None:
                problem = "damaged" if path.exists() else "missing"
                try:
                    picture = pictures.of_checkpoint(saved)
                    log.info(f"{path}: was {problem}, drawn again")
                except ValueError as error:  # NaN in the images
                    log.warning(f"step {saved}: no picture, {error}")
                    continue
            if (PICTURE, saved) not in known:
                events.writer.image(saved, PICTURE, picture)
        for row in files.scores.read():
            if row.value is not None and row.step is not None and (f"score/{row.metric}", row.step) not in known:
                events.writer.scalars(row.step, {f"score/{row.metric}": row.value})
    return known


class _Late:
    """Context manager whose `writer` makes its file of events when it is first used."""

    def __init__(self, path):
        self._path, self._writer = path, None

    @property
    def writer(self):
        if self._writer is None:
            self._writer = EventWriter(self._path)
        return self._writer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._writer is not None:
            self._writer.close()
