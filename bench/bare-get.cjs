// The least that a Node program does to read one object from each server with Node's own HTTP client.
// Its argument is a list of { url, certificateAuthority, token } as JSON.
const { get } = require('node:https');
const { setDefaultCACertificates } = require('node:tls');

setDefaultCACertificates([]); // Node's own list takes 20 ms to read
for (const { url, certificateAuthority, token } of JSON.parse(process.argv[2])) {
  get(url, { ca: certificateAuthority, headers: { authorization: `Bearer ${token}` } }, (response) => {
    if (response.statusCode !== 200) process.exitCode = 1;
    response.setEncoding('utf8').on('data', (text) => process.stdout.write(text));
  });
}
