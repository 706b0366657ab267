"""Downloads by TFDS that fail soon and quietly without a network.

TFDS tries each file eleven times with growing pauses, more than three minutes without a network, and longer where
packets are dropped; meanwhile it shows progress bars and each attempt. So its servers have to answer first.
"""

import contextlib
import logging
import queue
import threading
import time
import urllib.parse

PATIENCE = 4.0  # seconds until a server has to answer


def download(builder):
    """Downloads and prepares the dataset of a TFDS builder.

    Raises:
        ConnectionError: within `PATIENCE` seconds, if no server of its files answers.
        Exception: of any kind, if it fails later.
    """
    require_answer(builder.url_infos or ())
    with without_warnings("urllib3"):  # of each attempt
        builder.download_and_prepare()


def require_answer(urls, patience=PATIENCE):
    """Raises a `ConnectionError` if no server of these addresses answers an HTTP request, through proxies if set.

    Any answer counts but those of a gateway or a server that fails (500 and above). Addresses of other protocols count
    as answered.

    Args:
        urls: of files to download.
        patience: seconds until the first answer has to be there.
    """
    url_of = {}  # server -> one of its files
    for url in urls:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https"):
            return
        url_of.setdefault(parts.netloc, url)
    if not url_of:
        return
    answers = queue.Queue()
    for url in url_of.values():
        # Daemons, because resolving a name cannot be interrupted and must not keep the program from ending.
        threading.Thread(target=_ask, args=(url, patience, answers), daemon=True).start()
    reasons, end = [], time.monotonic() + patience
    with contextlib.suppress(queue.Empty):
        while len(reasons) < len(url_of):
            reason = answers.get(timeout=max(end - time.monotonic(), 0))
            if reason is None:
                return
            reasons.append(reason)
    raise ConnectionError(f"no answer from {', '.join(url_of)}: {reasons[0] if reasons else 'time is over'}")


def _ask(url, patience, answers):
    """Puts None in a queue if a server answers, else the reason as text."""
    import requests

    try:
        with requests.get(url, stream=True, timeout=patience) as response:
            answers.put(None if response.status_code < 500 else f"HTTP status {response.status_code}")
    except (OSError, ValueError) as error:  # ValueError: an address or a proxy that requests does not understand
        answers.put(_root_of(error))


def _root_of(error):
    """Text of what made a connection fail, without the layers of the HTTP client around it."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return f"{type(error).__name__}: {error}" if reason is None else f"{type(reason).__name__}: {reason}"


@contextlib.contextmanager
def without_warnings(name):
    """Context manager: the logger of this name and those below it show errors only."""
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
