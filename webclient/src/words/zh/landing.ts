export const landing = {
    title: '企业码核验', checking: '正在核验…', genuine: '这是真的企业码', of: '属于', issued: '启用于 {on}', forged: '警告：这个码是伪造的', forgedNext: '不要据此让人进入或缴费。请拍照留存并向监管部门举报。', revoked: '这个码已经作废', unknown: '无法识别这个码', what: '入企码是做什么的', whatText: '行政机关每次入企检查，都要先登记，到门口扫这个码，当场留痕，再由企业评价。没有登记和扫码的检查，企业可以要求说明。',
    scanHere: '为这家企业扫码入企', openMine: '打开我的首页', notMine: '这不是您企业的码。', inspectorIn: '我是执法人员，去登录', enterpriseIn: '我是企业，去登录', forSupervisor: '查看这家企业的检查', offline: '没有网络，手机核对签名：', offlineGood: '签名有效', offlineBad: '签名不符', offlineUnknown: '无法核对',
    revokedNext: '旧码不算数了，不要再张贴。检查人员不能凭它入企。企业可以联系平台管理员领取新码牌。', lost: '企业已经挂失，正在找这块码牌。', found: '我捡到了这块码牌', foundTitle: '告诉企业码牌找到了', foundNote: '可以到哪里取（可不填）', foundHint: '请不要写下您的姓名和电话。', foundSend: '告诉企业', thanks: '谢谢您！企业已经能看到。', thanksNext: '请把码牌交还这家企业，或者交到就近的政务服务中心。它已经作废，请不要再张贴。',
    slip: '这是一张纸质一次码', slipText: '码牌密封联上的一次码，用来开通企业手机；没有手机的企业，可在检查时交检查人员扫。每张只能用一次，请不要拍照外传；任何检查人员都不会为开通手机向您索要。', slipEnrol: '用它开通企业手机', visit: '这是检查人员手机上的码', visitText: '请用企业的手机核对：来的是谁、查什么、两部手机的口令是否一样。', visitMeet: '核对来人',
    listedAt: '作废名单更新于 {at}。', offlineRevoked: '已作废',
}
