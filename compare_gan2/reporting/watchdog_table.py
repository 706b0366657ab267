"""What the watchdog found in runs, as a table."""

from compare_gan2.reporting.page_parts import Cell, Table


def watchdog_table(events):
    """`Table` of all events; None without any.

    Args:
        events: {name of a run: list of its events, as `EventLog.read` returns it}.
    """
    rows = []
    for name, found in events.items():
        for event in found:
            back = f" to step {event['rolled_back_to']}" if "rolled_back_to" in event else ""
            first = Cell(name, (f"step {event['step']:,}",))
            rows.append([first, event["message"], event["rule"], f"{event['action']}{back}"])
    header = ["Run", "What", "Rule", "Action"]
    return Table("What the watchdog found", header, rows, is_text=True) if rows else None
