"""Testing strategies as drawn."""

import numpy as np
from numpy.testing import assert_allclose
from support.figures import boxes, strategies, texts


def test_bars_of_strategies_are_proportional_to_tests_and_to_errors():
    # the first rectangle is the frame around the kind of data
    lengths = [box.get_width() for box in boxes(strategies())[1:]]
    tests, errors = np.array(lengths[:4]), np.array(lengths[4:])
    assert_allclose(tests / tests[0], [1, 0.75, 0, 0.25])
    assert_allclose(errors / errors[1], [0, 1, 0, 2.6 / 10.4])
    found = texts(strategies())
    assert {"1,000", "750", "250", "10.4", "2.6", "FISH tests", "Positives missed", "IHC first"} <= set(found)
    assert "Per 1,000 specimens, from 400 with IHC and FISH" in found
