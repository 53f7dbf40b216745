//! Rules over typed features: CEL expressions parsed, checked, compiled, explained and counted in shadow. Pure.
