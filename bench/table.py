"""The results as one table of plain text, at most 140 columns wide, with every aim met or missed."""

from collections.abc import Iterator, Sequence

from bench.measuring import Aim, Figure, Result, Verdict

_WIDTH = 140
_HEAD = (
    f"{'':34} {'median':>12} {'least':>12} {'most':>12} {'first is':>9} {'units a run':>12}"
    f" {'CPU s/1000':>11} {'of it store':>11} {'memory':>9}"
)


def show(results: Sequence[Result], *, seconds: float) -> str:
    """All of it. seconds: how long the bench took."""
    lines = [line for result in results for line in _block(result)]
    verdicts = [verdict for result in results for verdict in result.verdicts]
    met = sum(verdict.is_met is True for verdict in verdicts)
    end = f"{met} of {len(verdicts)} aims met; {seconds / 60:.1f} minutes"
    return "\n".join([_HEAD, *lines, "", end])


def _block(result: Result) -> Iterator[str]:
    yield ""
    yield f"{result.case} ({result.unit})"
    if result.note:
        yield f"  {result.note}"[:_WIDTH]
    for figure in result.figures:
        yield _line(figure)
    for verdict in result.verdicts:
        yield f"  {_judgement(verdict)}"[:_WIDTH]


def _line(figure: Figure) -> str:
    if figure.failure is not None:
        return f"  {figure.name:32} no figure: {figure.failure}"[:_WIDTH]
    return (
        f"  {figure.name[:32]:32} {_number(figure.median):>12} {_number(figure.least):>12}"
        f" {_number(figure.most):>12} {_times(figure.ratio):>9} {_count(figure.count):>12}"
        f" {_number(figure.cpu):>11} {_number(figure.store_cpu):>11} {_megabytes(figure.memory):>9}"
    )


def _judgement(verdict: Verdict) -> str:
    word = {True: "met", False: "MISSED", None: "UNKNOWN"}[verdict.is_met]
    return f"{word:8} {verdict.aim.text}: {_compared(verdict)}"


def _compared(verdict: Verdict) -> str:
    if verdict.ratio is None:
        return "there is no figure"
    if verdict.aim.total is not None:
        return f"{verdict.ratio:+,.0f} (more, or all {verdict.aim.total})"
    if verdict.aim.beside is None and verdict.aim.figure == "memory":
        return f"{_megabytes(round(verdict.ratio))} ({_bound(verdict.aim)})"
    return f"{verdict.ratio:,.3g} ({_bound(verdict.aim)})"


def _bound(aim: Aim) -> str:
    bound, word = (aim.at_least, "at least") if aim.at_least is not None else (aim.at_most, "at most")
    shown = _megabytes(round(bound or 0)) if aim.beside is None and aim.figure == "memory" else f"{bound:g}"
    return f"{word} {shown}"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _count(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _times(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:,.3g} x"


def _megabytes(octets: int | None) -> str:
    return "" if octets is None else f"{octets / 1e6:,.0f} MB"
