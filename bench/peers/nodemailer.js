// Nodemailer, as its documentation has it: with a pool of connections, or a new connection for every letter.
//
// Usage: node nodemailer.js OPTIONS, where OPTIONS is JSON: port, messages, connections, pool (true or false), size (octets of
// a letter), and for TLS and login accounts, password and ca (a PEM file). Writes its seconds and cpu as JSON. Ends
// with an error if a letter was not taken.
'use strict';

const { readFileSync } = require('node:fs');
const nodemailer = require('nodemailer');

const options = JSON.parse(process.argv[2]);
const LINE = "a line of text of sixty letters, as people's letters have it";

const fill = (octets) => {
    const lines = Array(Math.floor(octets / (LINE.length + 2))).fill(LINE);
    const rest = octets % (LINE.length + 2);
    if (rest > 2) lines.push(LINE.slice(0, rest - 2));
    else if (rest) lines.push(lines.pop() + '.'.repeat(rest));
    return lines.map((line) => line + '\n').join('');
};

const sender = (number) => (options.accounts ? `account${String(number % options.accounts).padStart(3, '0')}` : 'ada') + '@acme.test';

const letter = (number, filling) => ({
    from: `Ada <${sender(number)}>`,
    to: `lead${String(number).padStart(5, '0')}@leads.test`,
    subject: 'Hello Ada',
    text: `Hello Ada,\n${filling}`,
    html: '<p>Hello Ada,</p>\n<p>a line of text</p>\n',
});

const measuring = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: 'windows' });

const wireSize = async (filling) => (await measuring.sendMail(letter(0, filling))).message.length;

const fitting = async (size) => {
    let octets = LINE.length + 2;
    for (let attempt = 0; attempt < 5; attempt++) {
        const excess = (await wireSize(fill(octets))) - size;
        if (!excess) return fill(octets);
        octets -= excess;
    }
    throw new Error(`no letter of ${size} octets comes about`);
};

const server = { host: '127.0.0.1', port: options.port, maxMessages: Infinity };
const ca = options.ca ? readFileSync(options.ca) : undefined;

const transportOf = (number) => {
    if (!options.accounts) return nodemailer.createTransport({ ...server, pool: options.pool, maxConnections: options.connections, ignoreTLS: true });
    const auth = { user: sender(number), pass: options.password };
    return nodemailer.createTransport({ ...server, auth, requireTLS: true, tls: { ca } });
};

const main = async () => {
    const filling = await fitting(options.size);
    const transports = Array.from({ length: options.accounts || 1 }, (_, number) => transportOf(number));
    let next = 0;
    const lane = async () => {
        while (next < options.messages) {
            const number = next++;
            await transports[number % transports.length].sendMail(letter(number, filling));
        }
    };
    // Twice as many letters under way as connections: no connection of the pool waits for the next one.
    const lanes = options.pool ? 2 * options.connections : options.connections;
    const before = process.cpuUsage();
    const start = process.hrtime.bigint();
    await Promise.all(Array.from({ length: lanes }, lane));
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    const spent = process.cpuUsage(before);
    transports.forEach((transport) => transport.close());
    console.log(JSON.stringify({ seconds, cpu: (spent.user + spent.system) / 1e6 }));
};

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
