/**
 * How a simulated host treats its clients.
 *
 * - `normal`: what ESXi does: keyboard-interactive, and publickey where a key was given
 * - `refuses-login`: refuses every credential
 * - `silent`: accepts TCP and sends no banner; `closed`: nothing listens; `not-ssh`: speaks HTTP
 * - `password-only`, `publickey`: offers just that method
 * - `second-prompt`: asks for a new password after the right one; `echo-prompt`: asks for a name first
 * - `empty-rounds`: a round without prompts before and after the one with the password
 * - `open-door`: lets everybody in without a credential; `no-questions`: so does its keyboard-interactive
 * - `drops-after-password`, `hangs-after-password`: cuts the connection, or falls silent, instead of an answer
 * - `hangs-after-exec`, `drops-after-exec`: the same after the command was sent
 * - `killed-midway`: its shell is killed after one service's line, and it tells no exit status
 * - `garbage`: prints bytes of all kinds; `flood`: prints 10 MB
 */
export type DemoSshBehaviour =
  | 'normal'
  | 'refuses-login'
  | 'silent'
  | 'closed'
  | 'not-ssh'
  | 'password-only'
  | 'publickey'
  | 'second-prompt'
  | 'echo-prompt'
  | 'empty-rounds'
  | 'open-door'
  | 'no-questions'
  | 'drops-after-password'
  | 'hangs-after-password'
  | 'hangs-after-exec'
  | 'drops-after-exec'
  | 'killed-midway'
  | 'garbage'
  | 'flood';
