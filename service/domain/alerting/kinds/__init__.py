"""How each kind of rule decides: a pure function of rule, memory and facts."""
