export const plaques = {
  add: { offer: '平台上还没有这家企业。', button: '添加这家企业', title: '添加企业', uscc: '统一社会信用代码', doubtful: '代码的校验位不对，请对照营业执照核对；照样可以添加。', name: '企业名称（与营业执照一致）', region: '所在区县', choose: '请选择', address: '地址', need: '请填写企业名称并选择区县。', save: '添加，然后登记检查' },
  mine: { title: '我的企业码', hint: '请张贴在入口处显眼位置，供执法人员扫码。', site: '场所：{site}', serial: '编号 {n}', issued: '启用于 {on}', pdf: '下载打印版（PDF）', svg: '下载图片（SVG）', none: '没有有效的企业码。', noneHint: '请联系平台管理员领取。', alt: '{name}的企业码二维码', why: '入企码只证明“是哪家企业”，不含您的经营信息。', lose: '挂失', loseTitle: '挂失编号 {n} 的码牌？', loseText: '挂失后，这块码牌马上作废，不能恢复。平台管理员会为您印一块新的。', loseWhy: '怎么丢的', lostDone: '已挂失。编号 {n} 的旧码从现在起不算数了，平台管理员会为您印一块新的。' },
  history: { title: '企业码历史', none: '还没有发过企业码。', valid: '有效', revoked: '{at} 作废：{why}', lost: '{at} 挂失作废：{why}', reissued: '已换新码', searching: '还没有找到。', found: '{at} 有人说捡到了。', foundNote: '留言：{note}', back: '已找回', backTitle: '编号 {n} 的码牌找回来了？', backText: '旧码仍然作废，不能再张贴。', backNote: '在哪里找回的（可不填）', backDone: '已记下。' },
  desk: { valid: '有效的码牌', none: '没有有效的码牌', without: '只看没有有效码牌的企业', site: '场所（同一企业有几处时填写，如“东门店”）', main: '主要场所', sealed: '打印封装页', sealedHint: '封装页上的激活码只印这一次，请当场装封。', lost: '这是挂失（丢失或被盗）', phones: '企业的手机' },
}
