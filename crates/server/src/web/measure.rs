//! Measurements in the text format of Prometheus.

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;

static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Borders of the classes of durations, seconds.
const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.08, 0.2, 0.5, 1.0, 2.5, 10.0, 60.0];

/// Begins to measure; once per process, a second call changes nothing.
pub fn install() {
    RECORDER.get_or_init(|| {
        let builder = PrometheusBuilder::new();
        let builder = match builder.set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS) {
            Ok(builder) => builder,
            Err(error) => {
                tracing::warn!(%error, "durations are measured without classes");
                PrometheusBuilder::new()
            }
        };
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("somebody else measures already");
        }
        describe();
        handle
    });
}

fn describe() {
    metrics::describe_counter!("conglang_requests_total", "Requests by method, route template and status");
    metrics::describe_histogram!("conglang_request_seconds", "Time to the answer by method and route template");
    metrics::describe_gauge!("conglang_requests_in_flight", "Requests being answered now");
    metrics::describe_counter!("conglang_db_errors_total", "Errors of the database by kind");
    metrics::describe_counter!("conglang_figures_accepted_total", "Accepted ledger lines");
    metrics::describe_histogram!("conglang_rollup_seconds", "Time to carry accepted or awaiting lines into every roll-up, within the transaction");
    metrics::describe_gauge!("conglang_memory_bytes", "Resident memory of this process");
    metrics::describe_gauge!("conglang_memory_own_bytes", "Resident memory of this process without mapped files");
    for kind in ["busy", "conflict", "full", "read_only", "gone", "defect"] {
        metrics::counter!("conglang_db_errors_total", "kind" => kind).increment(0);
    }
    metrics::counter!("conglang_figures_accepted_total").increment(0);
}

/// Everything measured so far; empty before [`install`].
pub(crate) fn render() -> String {
    let Some(handle) = RECORDER.get() else { return String::new() };
    for (line, name) in [("VmRSS:", "conglang_memory_bytes"), ("RssAnon:", "conglang_memory_own_bytes")] {
        if let Some(bytes) = memory(line) {
            metrics::gauge!(name).set(bytes);
        }
    }
    handle.run_upkeep();
    handle.render()
}

/// A line of the kernel's own account of this process, bytes.
fn memory(line: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let text = status.lines().find_map(|l| l.strip_prefix(line))?;
    text.split_whitespace().next()?.parse::<u32>().ok().map(|kb| f64::from(kb) * 1024.0)
}

/// Renewed every minute, so that the classes of durations do not pile up when nobody asks.
pub(crate) fn upkeep() {
    if let Some(handle) = RECORDER.get() {
        handle.run_upkeep();
    }
}
