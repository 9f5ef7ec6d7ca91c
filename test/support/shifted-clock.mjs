// Loaded before the engine (NODE_OPTIONS=--import): its clock is wrong by as many milliseconds as the file
// in CLOCK_FILE says, and follows that file.
import { readFileSync } from 'node:fs';

const { CLOCK_FILE = '' } = process.env;
const rightNow = Date.now;
let shiftMs = 0;

function read() {
  try {
    shiftMs = Number(readFileSync(CLOCK_FILE, 'utf8'));
  } catch {
    shiftMs = 0;
  }
}

read();
setInterval(read, 100).unref();
Date.now = () => rightNow() + shiftMs;
