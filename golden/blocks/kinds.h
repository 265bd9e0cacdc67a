/* The choices and kinds that golden, models and RTL share (docs/chain.md: muon_feed, event_pack). */
#ifndef GOLDEN_BLOCKS_KINDS_H
#define GOLDEN_BLOCKS_KINDS_H

#ifdef __cplusplus
extern "C" {
#endif

enum feed_select { FEED_BARREL_FINAL, FEED_FINAL, FEED_ALL };
enum pack_corrections { PACK_NONE, PACK_IN_PLACE, PACK_APPENDED };
enum drop_policy { DROP_ORBIT, DROP_BX };

enum frame_kind { FRAME_HEADER, FRAME_BLOCK, FRAME_APPENDED, FRAME_TRAILER, FRAME_PACKET };

#ifdef __cplusplus
}
#endif
#endif
