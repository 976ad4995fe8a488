from access import ErrorsBolt, LineSpout, ParseBolt, VisitsBolt

from streamparse import Grouping, Stream, Topology


class Streams(Topology):
    line_spout = LineSpout.spec(name="line-spout", outputs=["line"])
    parse_bolt = ParseBolt.spec(
        name="parse-bolt",
        inputs={
            line_spout: Grouping.SHUFFLE,
        },
        outputs=[Stream(["user", "page"]), Stream(["line", "reason"], name="errors")],
    )
    visits_bolt = VisitsBolt.spec(
        name="visits-bolt",
        inputs={
            parse_bolt: Grouping.fields("user"),
        },
        par=2,
        outputs=["user", "pages"],
    )
    errors_bolt = ErrorsBolt.spec(
        name="errors-bolt",
        inputs={
            parse_bolt["errors"]: Grouping.GLOBAL,
        },
        outputs=["reason", "count"],
    )
