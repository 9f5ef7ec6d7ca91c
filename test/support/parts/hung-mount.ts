import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';

/** Mounts a FUSE file system that nobody serves: whatever looks at it waits, as for a server that is away. */
const program = `
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
folder = sys.argv[1].encode()
fd = os.open('/dev/fuse', os.O_RDWR)
options = f'fd={fd},rootmode=40000,user_id=0,group_id=0'.encode()
if libc.mount(b'hung', folder, b'fuse', 0, options):
    sys.exit(os.strerror(ctypes.get_errno()))
print('mounted', flush=True)
sys.stdin.read()
libc.umount2(folder, 2)
`;

/** Whether a file system can be made to hang here: that takes root, FUSE and Python. */
export const canHang =
  process.getuid?.() === 0 &&
  existsSync('/dev/fuse') &&
  spawnSync('python3', ['--version']).status === 0;

/** A file system over a folder that does not answer until it is taken away. */
export async function mountHung(folder: string): Promise<() => Promise<void>> {
  const child = spawn('python3', ['-c', program, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => {
      throw new Error(`nothing was mounted over ${folder}`);
    }),
  ]);
  return async () => {
    if (child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.stdin.end();
    await exited;
  };
}
