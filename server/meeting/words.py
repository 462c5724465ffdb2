"""双向亮码: two words and a colour that both phones show, so that people can say them aloud.

They come from both phones' public keys, the visit and the minute: a screenshot is stale a minute later,
and a third phone shows others.
"""

import hashlib
from dataclasses import dataclass
from uuid import UUID

_DOMAIN = b"ruqi/words/1\0"
# Everyday two-character words that sound unlike each other; 64 each make 4,096 pairs, 8 colours 32,768 sights.
FIRST = [
    "青山",
    "绿水",
    "白云",
    "红日",
    "蓝天",
    "金秋",
    "银河",
    "春风",
    "夏雨",
    "冬雪",
    "清晨",
    "黄昏",
    "明月",
    "星光",
    "朝霞",
    "晚风",
    "松树",
    "柳叶",
    "荷花",
    "梅花",
    "兰草",
    "竹林",
    "菊花",
    "桃李",
    "稻田",
    "麦浪",
    "茶园",
    "果园",
    "草原",
    "沙漠",
    "海洋",
    "江河",
    "石桥",
    "木船",
    "铁路",
    "古镇",
    "老街",
    "新城",
    "高塔",
    "长城",
    "东门",
    "西湖",
    "南山",
    "北斗",
    "大雁",
    "小溪",
    "飞鸟",
    "游鱼",
    "骏马",
    "黄牛",
    "山羊",
    "白鹤",
    "喜鹊",
    "燕子",
    "熊猫",
    "老虎",
    "蝴蝶",
    "蜜蜂",
    "蜻蜓",
    "青蛙",
    "乌龟",
    "海豚",
    "鲸鱼",
    "麋鹿",
]
SECOND = [
    "书本",
    "铅笔",
    "雨伞",
    "茶杯",
    "竹篮",
    "木桌",
    "灯笼",
    "风筝",
    "铜锣",
    "皮鼓",
    "长笛",
    "古琴",
    "围棋",
    "象棋",
    "毛笔",
    "砚台",
    "米饭",
    "面条",
    "馒头",
    "饺子",
    "豆腐",
    "花生",
    "红枣",
    "核桃",
    "苹果",
    "香蕉",
    "葡萄",
    "西瓜",
    "橘子",
    "石榴",
    "柿子",
    "樱桃",
    "棉衣",
    "布鞋",
    "草帽",
    "围巾",
    "手套",
    "口袋",
    "纽扣",
    "针线",
    "剪刀",
    "锤子",
    "梯子",
    "水桶",
    "扫帚",
    "毛巾",
    "肥皂",
    "镜子",
    "火车",
    "汽车",
    "轮船",
    "飞机",
    "单车",
    "马车",
    "邮筒",
    "路灯",
    "信封",
    "邮票",
    "地图",
    "钟表",
    "算盘",
    "钥匙",
    "门铃",
    "台历",
]
COLOURS = ("红", "橙", "黄", "绿", "青", "蓝", "紫", "灰")
MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Words:
    """What both phones show."""

    first: str
    second: str
    colour: str


def words_of(*, inspector_key: bytes, enterprise_key: bytes, visit_id: UUID, at: float) -> Words:
    """The words of a meeting: from both public keys, the visit and the minute (seconds since 1970 // 60)."""
    minute = int(at // MINUTE_S).to_bytes(8, "big")
    parts = (inspector_key, enterprise_key, visit_id.bytes, minute)
    digest = hashlib.sha256(_DOMAIN + b"".join(len(part).to_bytes(2, "big") + part for part in parts)).digest()
    return Words(FIRST[digest[0] % 64], SECOND[digest[1] % 64], COLOURS[digest[2] % 8])
