"""What a shop under load does: how long orders wait, what times out, and what helps."""

TEN_SECONDS = {"topology.message.timeout.secs": 10, "topology.workers": 1}


def test_orders_wait_behind_those_that_are_pending(storm):
    conf = {**TEN_SECONDS, "topology.max.spout.pending": 100}
    topology = storm.topology("shop", work={"price": "30ms"}, conf=conf)
    topology.advance(20)
    assert topology["price"].busy > 0.99
    assert topology["price"].queue <= 100
    assert 2.5 < topology.latency.p50 <= 3.1
    assert topology["orders"].failed == []
    assert topology.verdict.kind == "steady"


def test_too_many_pending_orders_melt_down(storm):
    conf = {**TEN_SECONDS, "topology.max.spout.pending": 1000}
    topology = storm.topology("shop", work={"price": "30ms"}, conf=conf)
    topology.advance(31)
    acked = len(topology["orders"].acked)
    topology.advance(10)
    assert topology.verdict.kind == "meltdown"
    assert len(topology["orders"].acked) == acked  # price is at work, and no ack is in time
    assert topology["orders"].failed != []


def test_a_slow_spell_ends(storm):
    conf = {**TEN_SECONDS, "topology.max.spout.pending": 50}
    topology = storm.topology("shop", work={"price": "1ms", "orders": "10ms"}, conf=conf)
    topology.advance(2)
    assert topology["price"].waiting == 0
    topology["price"].takes("100ms")
    topology.advance(5)
    assert topology["price"].waiting > 40
    topology["price"].takes("1ms")
    topology.advance(5)
    assert topology["price"].waiting == 0
    assert topology["orders"].failed == []


def test_a_bolt_alone_takes_its_time_too(storm):
    bolt = storm.bolt("shop:price")
    bolt.takes("33s")
    result = bolt.process([1, "big"], check=False)
    assert "subprocess heartbeat timeout" in str(result.error)
