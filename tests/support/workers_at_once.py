"""Workers that are there from the first article on, whatever there is to do: a run with them is a
run with nothing but them.
"""

from service.backfill.workers.process_pool import ProcessPool


class AtOnce(ProcessPool):
    def __init__(self, count: int = 2) -> None:
        super().__init__(count, -1.0)

    def begin(self, spent_s: float) -> bool:  # noqa: ARG002 - it always pays
        begun = super().begin(0.0)
        while begun and not all(each.ready for each in self.members):
            list(self.heard(None))
        return begun
