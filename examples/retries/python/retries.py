from orders import ChargeBolt, OrderSpout

from streamparse import Grouping, Topology


class Retries(Topology):
    order_spout = OrderSpout.spec(name="order-spout", outputs=["order"])
    charge_bolt = ChargeBolt.spec(
        name="charge-bolt",
        inputs={
            order_spout: Grouping.fields("order"),
        },
        par=2,
        outputs=["order", "attempt"],
    )
