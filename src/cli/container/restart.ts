import { stoppingCommand } from './stopping.ts'

export const command = stoppingCommand('restart')
