"""How much a steward's decisions mend, by the order in which they are asked: simulated on sets whose truth is known."""
