/** An operating system and processor, in Go's names (`linux`, `amd64`, `arm64`, variant `v8`). */
export interface Platform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
  readonly 'os.version'?: string
  readonly 'os.features'?: readonly string[]
}
