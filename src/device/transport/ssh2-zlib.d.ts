/** Inside of ssh2, without types of its own. */
declare module "ssh2/lib/protocol/zlib.js" {
  export class ZlibPacketReader {
    _zlib: { _maxOutputLength: number };
    read(packet: Buffer): Buffer;
  }
  export class ZlibPacketWriter {
    /** `null` once it was cleaned up. */
    _zlib: { _handle: object | null };
    finalize(payload: Buffer, force?: boolean): Buffer;
  }
  const zlib: { ZlibPacketReader: typeof ZlibPacketReader; ZlibPacketWriter: typeof ZlibPacketWriter };
  export default zlib;
}
