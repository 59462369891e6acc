export {
  type Address,
  type Client,
  createClient,
  type Hijacked,
  parseAddress,
  type RequestOptions,
  type Response,
} from './client.ts'
