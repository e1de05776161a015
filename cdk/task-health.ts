import { Duration } from 'aws-cdk-lib';
import type { HealthCheck } from 'aws-cdk-lib/aws-ecs';

/** Of the container, by its loopback address alone. */
export const TASK_HEALTH_PORT = 9_667;

/** The kernel accepts a connection also for a process that does nothing any more: only an answer counts. */
const probe = (port: number) =>
  `require('node:net').connect(${port}, '127.0.0.1').on('data', () => process.exit(0)).on('error', () => process.exit(1)).on('close', () => process.exit(1))`;

/**
 * Healthy is a process that has its environment, its configuration and its clients, and whose loop turns. The image has
 * neither a shell nor curl. Five failures in a row are more than a minute: one pause of 20 s makes no task unhealthy.
 */
export const taskHealth = (port = TASK_HEALTH_PORT): HealthCheck => ({
  command: ['CMD', 'node', '-e', probe(port)],
  interval: Duration.seconds(20),
  timeout: Duration.seconds(15),
  retries: 5,
  startPeriod: Duration.seconds(60),
});
