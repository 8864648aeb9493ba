"""A small topology by hand: two squares side by side, a land without number, an island over the date line with a hole."""

from typing import Any

TOPOLOGY: dict[str, Any] = {
    "type": "Topology",
    "transform": {"scale": [1.0, 0.5], "translate": [0.0, 0.0]},
    "arcs": [
        [[74, 60], [0, 20]],  # 0: between India (west of it) and Pakistan (east), 74 E from 30 to 40 N
        [[74, 80], [-10, 0], [0, -20], [10, 0]],  # 1: the rest of India
        [[74, 60], [10, 0], [0, 20], [-10, 0]],  # 2: the rest of Pakistan
        [[21, 84], [2, 0], [0, 4], [-2, 0], [0, -4]],  # 3: Kosovo, alone
        [[178, -34], [4, 0], [0, 6], [-4, 0], [0, -6]],  # 4: Fiji's ring, written past 180
        [[179, -33], [0, 2], [1, 0], [-1, -2]],  # 5: a hole in it
        [[0, 0], [1, 0], [0, 2], [-1, 0], [0, -2]],  # 6: a land nobody has a code for
    ],
    "objects": {
        "countries": {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "Polygon", "id": "356", "properties": {"name": "India"}, "arcs": [[1, 0]]},
                {"type": "Polygon", "id": "586", "properties": {"name": "Pakistan"}, "arcs": [[2, -1]]},
                {"type": "Polygon", "properties": {"name": "Kosovo"}, "arcs": [[3]]},
                {"type": "MultiPolygon", "id": "242", "properties": {"name": "Fiji"}, "arcs": [[[4], [5]]]},
                {"type": "Polygon", "properties": {"name": "Atlantis"}, "arcs": [[6]]},
                {"type": None, "id": "010", "properties": {"name": "Antarctica"}},
            ],
        }
    },
}
