"""Which process of a run takes which test next."""

from __future__ import annotations

from xdist.scheduler.loadscope import LoadScopeScheduling
from xdist.workermanage import WorkerController

# tests of one large world: it is built once, not in every process
TOGETHER = ("tests/demo/",)
# they mostly wait: for a server to start, a browser, a window to close; one process goes through them, the others work
WAITING = ("tests/journeys/", "tests/faults/")
# long ones, so that none of them is left alone at the end
EARLY = ("tests/security/",)


class ByNature(LoadScopeScheduling):
    """Every test goes to whoever is free; the first process looks for those that wait, the others for work."""

    def _split_scope(self, nodeid: str) -> str:
        return next((folder for folder in TOGETHER if nodeid.startswith(folder)), nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        for kind in self._wanted(node):
            scope = next((scope for scope in self.workqueue if _kind(scope) == kind), None)
            if scope is not None:
                self.workqueue.move_to_end(scope, last=False)
                break
        super()._assign_work_unit(node)

    def _wanted(self, node: WorkerController) -> tuple[str, ...]:
        if node is min(self.assigned_work, key=lambda n: n.gateway.id) and len(self.assigned_work) > 1:
            return "waiting", "work", "early", "together"
        return "together", "early", "work", "waiting"

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        """What is done is let go: it would be counted again with each further test."""
        super().mark_test_complete(node, item_index, duration)
        done = self.assigned_work[node]
        scope = self._split_scope(self.registered_collections[node][item_index])
        if scope in done and all(done[scope].values()):
            del done[scope]


def _kind(scope: str) -> str:
    for kind, folders in (("together", TOGETHER), ("waiting", WAITING), ("early", EARLY)):
        if scope.startswith(folders):
            return kind
    return "work"
