//! `shouhu demo`: a centre and three banks on this machine, with synthetic people and money.

pub mod cast;
mod dice;
pub mod province;
