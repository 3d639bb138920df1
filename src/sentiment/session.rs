//! One instance of a model in the runtime: the only file that calls `ort` to score.

use ort::session::{
    Session as OrtSession, SessionInputValue,
    builder::{GraphOptimizationLevel, SessionBuilder},
};
use ort::value::Tensor;

use super::bundle::Bundle;
use super::runtime::{Runtime, RuntimeKind};
use super::{LabelMap, ModelError};

/// The inputs a sequence classifier may have; each is int64, `[texts, tokens]`.
const KNOWN_INPUTS: [&str; 3] = ["input_ids", "attention_mask", "token_type_ids"];

/// A rectangle of token ids: texts of one padded length.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Tokens per text, padding included.
    pub length: usize,
    /// Token ids, row by row.
    pub ids: Vec<i64>,
    /// 1 for a token, 0 for padding, row by row.
    pub mask: Vec<i64>,
}

/// A loaded model that one worker owns.
#[derive(Debug)]
pub(super) struct Session {
    session: OrtSession,
    inputs: Vec<String>,
    output: String,
    labels: LabelMap,
}

impl Session {
    pub fn open(bundle: &Bundle, runtime: &Runtime) -> Result<Session, ModelError> {
        let invalid = |problem: String| bundle.invalid("model.onnx", problem);
        let session = build(bundle, runtime)
            .map_err(|e| invalid(format!("{} cannot load it: {e}{}", runtime.kind, advice(runtime))))?;
        let inputs: Vec<String> = session.inputs().iter().map(|input| input.name().to_owned()).collect();
        let outputs: Vec<String> = session.outputs().iter().map(|output| output.name().to_owned()).collect();
        if !inputs.iter().any(|name| name == KNOWN_INPUTS[0])
            || !inputs.iter().all(|n| KNOWN_INPUTS.contains(&n.as_str()))
        {
            return Err(invalid(format!(
                "its inputs are {inputs:?}; it must take input_ids, and may take attention_mask and token_type_ids, nothing else"
            )));
        }
        let output = match outputs.iter().find(|name| *name == "logits") {
            Some(logits) => logits.clone(),
            None if outputs.len() == 1 => outputs[0].clone(),
            None => return Err(invalid(format!("its outputs are {outputs:?}; one of them must be called logits"))),
        };
        let mut session = Session { session, inputs, output, labels: bundle.labels.clone() };
        session.probe(bundle, runtime)?;
        Ok(session)
    }

    /// Runs two made-up texts, so that a model of another kind is found out when it is loaded.
    fn probe(&mut self, bundle: &Bundle, runtime: &Runtime) -> Result<(), ModelError> {
        let batch = Batch { length: 2, ids: vec![bundle.pad_token_id; 4], mask: vec![1; 4] };
        let logits = self.run(batch).map_err(|e| match e {
            ModelError::Failed(problem) => {
                bundle.invalid("model.onnx", format!("a trial run failed: {problem}{}", advice(runtime)))
            }
            other => other,
        })?;
        debug_assert_eq!(logits.len(), 2 * self.labels.outputs());
        Ok(())
    }

    /// The logits of a batch, row by row, [`LabelMap::outputs`] of them for each text.
    pub fn run(&mut self, batch: Batch) -> Result<Vec<f32>, ModelError> {
        let rows = batch.ids.len() / batch.length;
        let shape = [rows, batch.length];
        let failed = |e: ort::Error| ModelError::Failed(e.to_string());
        let mut values: Vec<(String, SessionInputValue)> = Vec::with_capacity(self.inputs.len());
        let Batch { ids, mask, .. } = batch;
        let (mut ids, mut mask) = (Some(ids), Some(mask));
        for name in &self.inputs {
            let data = match name.as_str() {
                "input_ids" => ids.take(),
                "attention_mask" => mask.take(),
                _ => None,
            };
            let data = data.unwrap_or_else(|| vec![0; rows * shape[1]]);
            values.push((name.clone(), Tensor::from_array((shape, data)).map_err(failed)?.into()));
        }
        let outputs = self.session.run(values).map_err(failed)?;
        let (shape, logits) = outputs[self.output.as_str()].try_extract_tensor::<f32>().map_err(failed)?;
        let expected = [rows as i64, self.labels.outputs() as i64];
        if shape[..] != expected {
            return Err(ModelError::Failed(format!(
                "its output has the shape {:?} where {expected:?} is expected: id2label must name every output, and the \
                 model must classify whole texts",
                &shape[..]
            )));
        }
        if let Some(bad) = logits.iter().find(|logit| !logit.is_finite()) {
            return Err(ModelError::Failed(format!("its output holds {bad}")));
        }
        Ok(logits.to_vec())
    }
}

/// What to try where a model does not run: tract knows only a part of ONNX.
fn advice(runtime: &Runtime) -> &'static str {
    match runtime.kind {
        RuntimeKind::Tract => "; ONNX Runtime runs more models: `pip install onnxruntime`",
        RuntimeKind::OnnxRuntime(_) => "",
    }
}

fn build(bundle: &Bundle, runtime: &Runtime) -> Result<OrtSession, String> {
    let failed = |e: ort::Error| e.to_string();
    let refused = |e: ort::Error<SessionBuilder>| e.to_string();
    let mut builder = OrtSession::builder(&runtime.environment).map_err(failed)?;
    builder = builder.with_optimization_level(GraphOptimizationLevel::All).map_err(refused)?;
    if matches!(runtime.kind, RuntimeKind::OnnxRuntime(_)) {
        // One core per session, and no memory kept for shapes that may not come again: without the last, memory grows
        // with every new batch shape (microsoft/onnxruntime#9313).
        builder = builder.with_intra_threads(1).map_err(refused)?;
        builder = builder.with_inter_threads(1).map_err(refused)?;
        builder = builder.with_intra_op_spinning(false).map_err(refused)?;
        builder = builder.with_memory_pattern(false).map_err(refused)?;
    }
    builder.commit_from_memory(&bundle.model).map_err(failed)
}
