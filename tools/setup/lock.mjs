// `npm run lock`: installs after a change of a package.json, and writes the lockfile that belongs to it.
import { must } from './steps.mjs';

must('pnpm', ['install', '--no-frozen-lockfile']);
