"""What a listener's choices between two things say: how often one was preferred, and whether that may be chance."""

import math
from dataclasses import dataclass

_NORMAL_975 = 1.959963984540054
"""Below this lie 97.5 % of a normal distribution, so that 95 % lie between both signs of it."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Rounds of a comparison by ear.

    Attributes:
        first: Rounds in which the first of the two was preferred.
        second: Rounds in which the second was.
        ties: Rounds in which no difference was heard; they count for neither.
    """

    first: int
    second: int
    ties: int = 0

    @property
    def rounds(self) -> int:
        """Rounds that were answered."""
        return self.first + self.second + self.ties

    @property
    def decided(self) -> int:
        """Rounds in which one was preferred."""
        return self.first + self.second

    @property
    def p_value(self) -> float:
        """How likely as uneven a result, or a more uneven one, is where there is nothing to prefer (sign test)."""
        return sign_test(self.first, self.second)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.first + other.first, self.second + other.second, self.ties + other.ties)


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson's score; 0 to 1 without trials.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American
    Statistical Association 22 (1927), 209-212.
    """
    if trials == 0:
        return 0.0, 1.0
    share, square = successes / trials, _NORMAL_975**2
    middle = share + square / (2 * trials)
    reach = _NORMAL_975 * math.sqrt(share * (1 - share) / trials + square / (4 * trials**2))
    whole = 1 + square / trials
    return max(0.0, (middle - reach) / whole), min(1.0, (middle + reach) / whole)


def sign_test(one: int, other: int) -> float:
    """The two-sided p-value of the exact sign test: of a fair coin's throws, as uneven as these or more so."""
    throws = one + other
    tail = sum(math.comb(throws, count) for count in range(min(one, other) + 1))
    return min(1.0, math.ldexp(tail, 1 - throws))
