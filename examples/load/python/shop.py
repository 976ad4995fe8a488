from shop import Count, Orders, Price

from streamparse import Grouping, Stream, Topology


class Shop(Topology):
    orders = Orders.spec(outputs=["order", "customer"])
    price = Price.spec(
        inputs={
            orders: Grouping.SHUFFLE,
        },
        par=1,
        outputs=[Stream([])],
    )
    count = Count.spec(
        inputs={
            orders: Grouping.fields("customer"),
        },
        par=4,
        outputs=[Stream([])],
    )
