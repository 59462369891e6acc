export { type Invocation, main } from './main.ts'
