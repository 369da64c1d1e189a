"""Use cases: they join the layers below. No SQL, no Qt, no maths."""
