export const door = {
  metAt: '已双向亮码 {at}',
  words: { title: '核对口令', ask: '请对方念出这两个词', read: '请念给企业听', colour: '颜色：{c}', wrong: '念得不一样，或颜色不同：不要让其入内，拨打 12345 核实。', hide: '收起' },
  colours: { red: '红', orange: '橙', yellow: '黄', green: '绿', cyan: '青', blue: '蓝', violet: '紫', grey: '灰' },
  who: { cap: '{name}：今年第 {n} 次（含本次），上限 {m} 次', allVisits: '全部检查', title: '来的是谁', photo: '{name}的照片', noPhoto: '没有照片，请看执法证原件。', expired: '执法证已过期', valid: '有效期至 {on}', all: '应到人员', helpers: '另有辅助人员 {n} 人，不得实施检查。', why: '为什么来', what: '可以查什么', nothing: '没有检查事项（走访服务）。', year: '今年此前已入企 {n} 次', amber: '紧急检查，事后补审批。', refuse: '只有下列情形可以拒绝', cooperate: '没有依法可以拒绝的情形，请配合检查。', source: '依据：{source}' },
  meet: { title: '扫检查人员的码', lead: '请检查人员在手机上点“亮码”，再扫他的码。', checking: '正在核验…', refused: '不能确认来人', again: '重新扫', call: '拨打 12345 核实', noPhone: '先登记这部手机，才能扫检查人员的码。', typeLabel: '看不清？把码的链接粘贴到这里', use: '使用这个链接', without: '没有登记手机怎么办', withoutText: '请检查人员扫门口的企业码，或用纸质一次码；核对执法证原件；再到“谁要来”里核对姓名和事项。' },
  report: { title: '有不对的地方？', hint: '反馈直接送到监督部门，检查单位看不到。', not_these_people: '不是这些人', more_people: '多来了人', began_before: '先检查后扫码', people: '一共来了几人', needPeople: '请填写人数。', note: '情况说明（选填）', confirm: '提交反馈', thanks: '已收到，谢谢。', next: '监督人员会核查，结果显示在这次检查的页面。来人有危险的，请拨打 110。', yours: '您的反馈', seen: '处理结果：{text}', unseen: '监督人员尚未处理。' },
  list: { openCount: '门前反馈：未处理 {n} 条', title: '门前反馈', open: '只看未处理', none: '没有门前反馈。', people: '{n} 人', handle: '处理', handleTitle: '处理这条反馈', outcome: '处理结果', visit: '查看检查', seen: '{at} 已处理' },
  because: { living: '动态码不是现场扫的', living_code: '扫的是企业手机的动态码', handshake: '双方手机互相核对过', plaque: '扫的是墙上的企业码', slip: '用了企业的纸质一次码', photo: '从照片识别，可能不是现场拍的', typed: '代码是手动输入的', licence: '用的是营业执照，不是企业码', link: '从链接打开，没有扫码', camera: '用摄像头现场扫码', on_site: '手机位置在企业内', place_far: '手机位置离企业很远', place_missing: '手机没有给出位置', site_unknown: '企业位置没有登记', heard_late: '服务器很晚才收到', signed: '由执法人员登记过的手机签名' },
}
