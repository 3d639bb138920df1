"""Random numbers inside numba's loops, where each thread carries a state of its own (Marsaglia 2003)."""

import numpy as np
from numba import njit


@njit
def following(state):
    """The next state of a xorshift generator; its upper bits are the random number."""
    state ^= state << np.uint64(13)
    state ^= state >> np.uint64(7)
    state ^= state << np.uint64(17)
    return state


@njit
def share(state):
    """The state as a number from 0 to under 1."""
    return (state >> np.uint64(40)) * (1.0 / (1 << 24))
