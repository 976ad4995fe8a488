"""Orders that fail are tried again, and given up in the end."""


def test_a_failed_order_is_emitted_again_twice(storm):
    spout = storm.spout("retries:order-spout")
    emitted = [spout.next_tuple().emitted[0] for _ in range(4)]
    book = emitted[0]
    for _ in range(2):
        spout.fail(book.id)
        assert spout.next_tuple().emitted == [book]
    result = spout.fail(book.id)
    assert spout.next_tuple().emitted == []
    assert [(each.level, each.message) for each in result.log] == [("warn", "book: given up")]


def test_chairs_are_never_paid_for(storm):
    topology = storm.topology("retries")
    topology.complete()
    assert topology["order-spout"].acked == [0, 1, 3]
    assert topology["order-spout"].failed == [1, 2]
    assert topology["charge-bolt"].emitted.last_by("order") == {"book": 1, "lamp": 2, "desk": 1}


def test_an_order_that_nobody_answers_is_tried_again(storm):
    topology = storm.topology("retries")
    topology["charge-bolt"].hang(tuples=1)
    topology.advance(121)  # the message timeout is 60 s, and takes up to twice that
    # The first order was held up, and charged at its second attempt.
    assert 0 in topology["order-spout"].failed
    assert topology["order-spout"].acked == [0, 1, 3]
