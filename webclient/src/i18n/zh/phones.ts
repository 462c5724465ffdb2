export const phones = {
  list: { title: '我的手机', hint: '登记过的手机可以亮码，也可以扫检查人员的码。', count: '已登记 {n} 部，最多 {m} 部', none: '还没有登记手机。', owner: '负责人', clerk: '经办人', mine: '本人', here: '本机', since: '{at} 登记', ended: '{at} 停用：{why}', end: '停用', endTitle: '停用“{label}”？', endText: '停用后，这部手机的码立即失效。' },
  enrol: { title: '登记这部手机', text: '登记一次，以后打开就能亮码。钥匙只保存在这部手机里，别人拿不走。', label: '给手机起个名字', button: '登记这部手机', done: '已登记。', missing: '请给手机起个名字。', cannot: '这个浏览器不能登记手机。', cannotNext: '请用 https 开头的网址打开，不要用无痕模式；或换用系统自带的浏览器。' },
  slip: { title: '用激活码开通', lead: '企业码的密封页上有 16 位激活码，只能用一次。', label: '激活码（16 位）', hint: '字母不分大小写，横线可不输。', bad: '这不是激活码，请核对 16 位字符。', button: '开通' },
  code: { next: '给下一位亮码', title: '亮码', whose: '请检查人员扫这个码', fresh: '{n} 秒后更新', noShot: '截图无效，每 30 秒换一次。', bright: '扫不出来？请把屏幕调到最亮。', offline: '没有网络也可以用。', alt: '动态码二维码', waiting: '检查人员扫码后，这里会自动显示来人信息。', visitWhose: '请企业用手机扫这个码', visitWaiting: '企业扫码后，这里会自动显示两个词。', noKeys: '还不能亮码：这部手机还没有连上过服务器。', gone: '这部手机的登记没有找到，请重新登记。' },
}
