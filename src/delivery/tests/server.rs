//! A webhook's receiver in a thread: reads a request per connection and gives the next of its answers.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;

/// What came in.
#[derive(Debug)]
pub struct Request {
    pub line: String,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

pub struct Server {
    pub address: String,
    requests: Receiver<Request>,
}

/// Answers nothing and keeps the connection until the client goes.
pub const HANG: &str = "";

impl Server {
    /// Gives these answers in turn, each a whole response, and then refuses connections.
    pub fn start(answers: &'static [&'static str]) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/hook/secret-path?token=secret-token", listener.local_addr().unwrap());
        let (tell, requests) = mpsc::channel();
        thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                tell.send(read(&stream)).unwrap();
                if *answer == HANG {
                    let _ = stream.read_to_end(&mut Vec::new());
                }
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        Server { address, requests }
    }

    /// The next request that came in; panics where none did.
    pub fn request(&self) -> Request {
        self.requests.try_recv().unwrap()
    }

    pub fn has_request(&self) -> bool {
        self.requests.try_recv().is_ok()
    }
}

fn read(stream: &TcpStream) -> Request {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers["content-length"].parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    Request { line: line.trim_end().to_owned(), headers, body: String::from_utf8(body).unwrap() }
}
