//! The model file: versioned, with a checksum, weights in one byte each.
//!
//! ```text
//! "SHOUHUTX"  version u16  classes u16  note (u16 length, UTF-8)
//! per class: label (u16 length, UTF-8), scam u8
//! calibration 3 × f32; scales and biases (classes + 1) × f32 each
//! features u32; keys u32 each, ascending; rarities u16 each, in 1/4096; weights i8, a row a feature
//! SHA-256 of all before it
//! ```
//! Numbers are little-endian.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::calibrate::Calibration;
use super::{Class, Model, Table, scam_type_of};

const MAGIC: &[u8; 8] = b"SHOUHUTX";
const VERSION: u16 = 1;
/// Most classes a file may have.
pub(super) const CLASSES_MAX: usize = 200;
/// Most features a file may have.
const FEATURES_MAX: usize = 4_000_000;
const DIGEST_BYTES: usize = 32;
const RARITY_STEP: f32 = 1.0 / 4096.0;

/// Why a model file is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ModelFault {
    /// Not a model file.
    #[error("not a model file")]
    Format,
    /// A model file of another version.
    #[error("a model file of version {0}, which this program does not read")]
    Version(u16),
    /// The bytes do not fit their checksum, or contradict each other.
    #[error("the model file is damaged")]
    Damaged,
}

/// A model before it is written: rows by ascending key, `columns` weights each.
pub(super) struct Draft {
    pub classes: Vec<Class>,
    pub note: String,
    pub calibration: Calibration,
    pub scales: Vec<f32>,
    pub biases: Vec<f32>,
    pub keys: Vec<u32>,
    pub rarity: Vec<f32>,
    pub weights: Vec<i8>,
}

impl Draft {
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.keys.len() * 6 + self.weights.len() + 4096);
        let text = |out: &mut Vec<u8>, text: &str| {
            let bytes = text.as_bytes();
            let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
            out.extend(length.to_le_bytes());
            out.extend(bytes.iter().take(usize::from(length)));
        };
        out.extend(MAGIC);
        out.extend(VERSION.to_le_bytes());
        out.extend(u16::try_from(self.classes.len()).unwrap_or(u16::MAX).to_le_bytes());
        text(&mut out, &self.note);
        for class in &self.classes {
            text(&mut out, &class.label);
            out.push(u8::from(class.scam));
        }
        for value in [self.calibration.slope, self.calibration.offset, self.calibration.sharpness] {
            out.extend(value.to_le_bytes());
        }
        for value in self.scales.iter().chain(&self.biases) {
            out.extend(value.to_le_bytes());
        }
        out.extend(u32::try_from(self.keys.len()).unwrap_or(u32::MAX).to_le_bytes());
        for key in &self.keys {
            out.extend(key.to_le_bytes());
        }
        for rarity in &self.rarity {
            let steps = (rarity / RARITY_STEP).round().clamp(0.0, f32::from(u16::MAX));
            out.extend((steps as u16).to_le_bytes());
        }
        out.extend(self.weights.iter().map(|weight| weight.to_le_bytes()[0]));
        let digest = Sha256::digest(&out);
        out.extend(digest);
        out
    }
}

impl Model {
    /// Reads a model file. Any bytes are answered; broken ones with a fault.
    pub fn load(bytes: &[u8]) -> Result<Self, ModelFault> {
        let mut head = Bytes(bytes);
        if head.take(MAGIC.len()) != Some(MAGIC.as_slice()) {
            return Err(ModelFault::Format);
        }
        let version = head.number().ok_or(ModelFault::Format)?;
        if version != VERSION {
            return Err(ModelFault::Version(version));
        }
        let body_length = bytes.len().checked_sub(DIGEST_BYTES).ok_or(ModelFault::Damaged)?;
        let (body, digest) = bytes.split_at_checked(body_length).ok_or(ModelFault::Damaged)?;
        if Sha256::digest(body).as_slice() != digest {
            return Err(ModelFault::Damaged);
        }
        let mut body = Bytes(body);
        let _ = body.take(MAGIC.len() + 2);
        let fingerprint = digest.iter().take(8).fold(0_u64, |all, byte| (all << 8) | u64::from(*byte));
        read(&mut body, fingerprint).filter(|_| body.0.is_empty()).ok_or(ModelFault::Damaged)
    }
}

fn read(body: &mut Bytes, fingerprint: u64) -> Option<Model> {
    let count = usize::from(body.number()?);
    let note = body.text()?;
    if count > CLASSES_MAX {
        return None;
    }
    let mut classes = Vec::with_capacity(count);
    for _ in 0..count {
        let label: Arc<str> = body.text()?.into();
        let scam = body.take(1)? == [1];
        classes.push(Class { scam_type: scam_type_of(&label).filter(|_| scam), label, scam });
    }
    let calibration = Calibration { slope: body.float()?, offset: body.float()?, sharpness: body.float()? };
    let columns = count + 1;
    let stride = columns.next_multiple_of(8);
    let mut scales = body.floats(columns)?;
    let mut biases = body.floats(columns)?;
    scales.resize(stride, 0.0);
    biases.resize(stride, 0.0);
    let features = usize::try_from(u32::from_le_bytes(body.array()?)).ok()?;
    if features > FEATURES_MAX || body.0.len() != features.checked_mul(6 + columns)? {
        return None;
    }
    let keys: Vec<u32> = body.arrays(features)?.map(u32::from_le_bytes).collect();
    if !keys.is_sorted_by(|a, b| a < b) {
        return None;
    }
    let rarity = body.arrays(features)?.map(|raw| f32::from(u16::from_le_bytes(raw)) * RARITY_STEP).collect();
    let mut weights = Vec::with_capacity(features * stride);
    for row in body.take(features * columns)?.chunks_exact(columns) {
        weights.extend(row.iter().map(|byte| i8::from_le_bytes([*byte])));
        weights.resize(weights.len() + stride - columns, 0);
    }
    let table = Table::of(&keys);
    Some(Model { classes, stride, table, rarity, weights, scales, biases, calibration, fingerprint, note })
}

/// What is left to read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn arrays<const N: usize>(&mut self, count: usize) -> Option<impl Iterator<Item = [u8; N]> + use<'a, N>> {
        let taken = self.take(count.checked_mul(N)?)?;
        Some(taken.chunks_exact(N).filter_map(|chunk| chunk.try_into().ok()))
    }

    fn number(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    /// A finite number; anything else would poison every score.
    fn float(&mut self) -> Option<f32> {
        self.array().map(f32::from_le_bytes).filter(|value| value.is_finite())
    }

    fn floats(&mut self, count: usize) -> Option<Vec<f32>> {
        (0..count).map(|_| self.float()).collect()
    }

    fn text(&mut self) -> Option<String> {
        let length = usize::from(self.number()?);
        String::from_utf8(self.take(length)?.to_vec()).ok()
    }
}
