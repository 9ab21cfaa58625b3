//! A load generator beside the server: HTTP/1.1 over loopback, at a steady rate.

use anyhow::Context as _;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Asks the paths in turn at a rate per second for a while over a few connections. Seconds from the moment a request
/// was due until its answer was read, so that a stalled server cannot hide behind a slow generator.
///
/// # Errors
/// A connection that fails or an answer other than 200.
pub async fn steady(server: SocketAddr, paths: Vec<String>, rate: u32, lasting: Duration) -> anyhow::Result<Vec<f64>> {
    let lanes = 8u32;
    let total = rate * u32::try_from(lasting.as_secs())?;
    let start = Instant::now() + Duration::from_millis(20);
    let samples = Arc::new(Mutex::new(Vec::with_capacity(total as usize)));
    let paths = Arc::new(paths);
    let mut set = tokio::task::JoinSet::new();
    for lane in 0..lanes {
        let (samples, paths) = (Arc::clone(&samples), Arc::clone(&paths));
        set.spawn(async move {
            let stream = tokio::net::TcpStream::connect(server).await?;
            stream.set_nodelay(true)?;
            let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            for nth in (lane..total).step_by(lanes as usize) {
                let due = start + Duration::from_secs_f64(f64::from(nth) / f64::from(rate));
                tokio::time::sleep_until(due.into()).await;
                let path = paths.get(nth as usize % paths.len().max(1)).context("no paths")?;
                let request = hyper::Request::get(path).header("host", server.to_string()).body(Empty::<Bytes>::new())?;
                let answer = sender.send_request(request).await?;
                let status = answer.status();
                answer.into_body().collect().await?;
                anyhow::ensure!(status == 200, "{path} answered {status}");
                samples.lock().unwrap_or_else(PoisonError::into_inner).push(due.elapsed().as_secs_f64());
            }
            Ok::<(), anyhow::Error>(())
        });
    }
    while let Some(done) = set.join_next().await {
        done??;
    }
    Ok(std::mem::take(&mut *samples.lock().unwrap_or_else(PoisonError::into_inner)))
}
