"""How topics hang together: their tree, and every word that leads to one of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

DEEPEST = 4  # levels of the tree
Key = tuple[str, str]  # field, title


@dataclass(frozen=True)
class Node:
    """What the rules need of a topic."""

    id: int
    field: str
    title: str
    code: str = ""
    parent_id: int | None = None
    merged_into_id: int | None = None
    retired: bool = False


def carried_by(nodes: Mapping[int, Node], topic_id: int) -> int:
    """The topic that carries this one on: itself, or where it was merged in the end."""
    seen = {topic_id}
    while (onward := nodes[topic_id].merged_into_id) is not None and onward not in seen:
        topic_id = onward
        seen.add(onward)
    return topic_id


def words_by_topic(nodes: Mapping[int, Node], aliases: Iterable[tuple[int, str]]) -> dict[int, set[str]]:
    """Topic id → every title under which its questions may be stored: its own, earlier ones, those merged into it."""
    words: dict[int, set[str]] = {topic_id: set() for topic_id in nodes}
    for node in nodes.values():
        words[carried_by(nodes, node.id)].add(node.title)
    for topic_id, title in aliases:
        words[carried_by(nodes, topic_id)].add(title)
    return words


def in_order(nodes: Sequence[Node]) -> list[tuple[int, Node]]:
    """(depth, node) as a tree is read: by field, then by code, children under their parent."""
    under: dict[int | None, list[Node]] = {}
    ids = {node.id for node in nodes}
    for node in sorted(nodes, key=lambda n: (n.field, n.code)):
        under.setdefault(node.parent_id if node.parent_id in ids else None, []).append(node)
    listed: list[tuple[int, Node]] = []

    def put(parent_id: int | None, depth: int) -> None:
        for node in under.get(parent_id, ()):
            listed.append((depth, node))
            put(node.id, depth + 1)

    put(None, 0)
    return listed


def path_of(nodes: Mapping[int, Node], topic_id: int) -> list[str]:
    """Titles from the top of the tree down to the topic's parent."""
    above: list[str] = []
    at, seen = nodes[topic_id].parent_id, {topic_id}
    while at is not None and at not in seen:
        above.insert(0, nodes[at].title)
        seen.add(at)
        at = nodes[at].parent_id
    return above


def depth_below(nodes: Mapping[int, Node], topic_id: int) -> int:
    """How many levels the topic and what is under it take."""
    return 1 + max((depth_below(nodes, n.id) for n in nodes.values() if n.parent_id == topic_id), default=0)
